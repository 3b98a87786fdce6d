/** nodemailer's own pool as its documentation shows it, with the three connections that Exchange takes of a mailbox. */
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { createRequire } from 'node:module';
import { runReader } from '../../child.mjs';
import { messages } from '../messages.mjs';

// The version that the connector ships with.
const nodemailer = createRequire(new URL('../../../package.json', import.meta.url))('nodemailer');

await runReader(async ({ smtp, login, connection, address, count }) => {
  const accessToken = await tokenFrom(login, connection);
  const pool = nodemailer.createTransport({
    pool: true,
    maxConnections: 3,
    maxMessages: Infinity,
    host: smtp.host,
    port: smtp.port,
    requireTLS: true,
    tls: { servername: smtp.servername, ca: smtp.ca },
    auth: { type: 'OAuth2', user: address, accessToken },
  });
  const send = async (number) => {
    const sent = await Promise.all(
      messages(number, address).map((one) => pool.sendMail({ from: address, ...one })),
    );
    return { accepted: sent.filter(({ accepted }) => accepted.length === 1).length };
  };
  return { warm: () => send(3), read: () => send(count) };
});

async function tokenFrom({ host, port, servername, ca }, { tenant, authentication }) {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: authentication.clientId,
    client_secret: authentication.clientSecret,
    scope: 'https://outlook.office365.com/.default',
  }).toString();
  const path = `/${tenant}/oauth2/v2.0/token`;
  const headers = { host: servername, 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await new Promise((resolve, reject) => {
    const call = request({ host, port, servername, ca, method: 'POST', path, headers }, resolve);
    call.on('error', reject);
    call.end(form);
  });
  return JSON.parse(await text(answer)).access_token;
}
