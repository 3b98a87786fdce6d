/**
 * The page and its files. Owns: the start page with its nonce, the built files, the icon.
 * Must not: make a path out of a request. The files are listed once, at the start; what is not in the list is not there.
 */
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { loadManifest, packagePath } from '../manifest/index.js';
import { createNonce, securityHeaders } from './security.js';

/** What the build leaves in index.html where each page load's nonce belongs. */
const NONCE_MARK = '__NONCE__';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

export function registerPage(server: FastifyInstance, folder: string): void {
  server.get('/', async (_request, reply) => {
    const page = await readFile(join(folder, 'index.html'), 'utf8');
    const nonce = createNonce();
    return reply
      .headers(securityHeaders(nonce))
      .header('Cache-Control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(page.replaceAll(NONCE_MARK, nonce));
  });
  for (const name of readdirSync(join(folder, 'assets'))) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    server.get(`/assets/${name}`, async (_request, reply) =>
      reply
        .type(type)
        // The build puts a digest into each file's name, so a name never changes its content.
        .header('Cache-Control', 'private, max-age=31536000, immutable')
        .send(await readFile(join(folder, 'assets', name))),
    );
  }
  server.get('/icon.svg', async (_request, reply) =>
    reply.type('image/svg+xml').send(await readFile(packagePath(loadManifest().icon))),
  );
}
