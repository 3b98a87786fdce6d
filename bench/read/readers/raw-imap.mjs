/** The limit of IMAP: a bare TLS socket that asks for all messages in one command and throws away what comes. */
import { connect } from 'node:tls';
import { runReader } from '../../child.mjs';

/** The last line that came is looked for in so many bytes; Dovecot's answer to LOGIN is the longest. */
const TAIL_BYTES = 4096;
const LF = 0x0a;

await runReader(({ imap, folder, warmFolder, address, password }) => {
  const read = (box) => session(imap, [login, `EXAMINE "${box}"`, 'UID FETCH 1:* (UID BODY.PEEK[])']);
  const login = `LOGIN "${address}" "${password}"`;
  return {
    warm: () => read(warmFolder),
    read: () => read(folder),
  };
});

function session(imap, commands) {
  return new Promise((resolve, reject) => {
    const socket = connect(imap);
    let bytes = 0;
    let sent = 0;
    let tail = Buffer.alloc(0);
    const next = () => {
      if (sent === commands.length) {
        socket.destroy();
        resolve({ bytes });
        return;
      }
      bytes = 0;
      tail = Buffer.alloc(0);
      socket.write(`a${sent} ${commands[sent]}\r\n`);
      sent += 1;
    };
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the connection was closed')));
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      if (sent === 0) return next();
      tail = chunk.length < TAIL_BYTES ? Buffer.concat([tail, chunk]).subarray(-TAIL_BYTES) : chunk;
      if (tail.at(-1) !== LF) return undefined;
      const line = tail.toString('latin1', tail.lastIndexOf(LF, tail.length - 2) + 1);
      if (!line.startsWith(`a${sent - 1} `)) return undefined;
      if (!line.startsWith('OK', line.indexOf(' ') + 1)) return socket.destroy(new Error(line));
      return next();
    });
  });
}
