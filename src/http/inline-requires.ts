/**
 * Makes generated code self-contained: what it require()s is put into it. Owns: this one step, for the few small
 * CommonJS files that Ajv's generated code names. Must not: grow into a bundler.
 *
 * Ajv writes require() even into an ES module (its `esm` option covers the exports only).
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const REQUIRE = /\brequire\("([^"]+)"\)/gu;

/** The ES module's source with every require("x") served from inside. */
export function inlineRequires(source: string): string {
  const numbers = new Map<string, number>();
  const modules: string[] = [];

  const rewrite = (code: string, from: string): string =>
    code.replaceAll(REQUIRE, (_whole, request: string) => {
      const path = createRequire(from).resolve(request);
      let number = numbers.get(path);
      if (number === undefined) {
        number = numbers.size;
        numbers.set(path, number);
        const body = rewrite(withoutMap(readFileSync(path, 'utf8')), path);
        modules[number] = `(module, exports) => {\n${body}\n}`;
      }
      return `load(${number})`;
    });

  const body = rewrite(source.replace('"use strict";', ''), import.meta.url);
  if (modules.length === 0) return body;
  return [
    `const modules = [${modules.join(',\n')}];`,
    'const loaded = [];',
    'function load(number) {',
    '  if (!loaded[number]) { loaded[number] = { exports: {} };',
    '    modules[number](loaded[number], loaded[number].exports); }',
    '  return loaded[number].exports;',
    '}',
    body,
  ].join('\n');
}

function withoutMap(code: string): string {
  return code.replace(/^\/\/# sourceMappingURL=.*$/mu, '');
}
