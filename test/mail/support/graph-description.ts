/**
 * Microsoft's own description of the mail part of Graph as a judge of calls and answers. It lies beside the project, or
 * where M365_EMAIL_GRAPH_DESCRIPTION says; without it there is no judge.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { packagePath } from '../../../src/manifest/index.js';
import type { Exchange } from './graph-wire.js';

const folder = process.env['M365_EMAIL_GRAPH_DESCRIPTION'] ?? packagePath('../shared/graph-mail');

export const isDescribed = existsSync(join(folder, 'types.schema.json'));

interface Operation {
  readonly name: string;
  readonly boundTo: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly type: string;
    readonly nullable: boolean;
  }[];
  readonly returns: string | null;
}

/**
 * A message as base64 (https://learn.microsoft.com/graph/outlook-send-mime-message), which the metadata does not know.
 */
const MIME = 'mime';

/** What a path below the mailbox is, and what it takes and gives; anything else is no call of ours. */
const SHAPES: readonly [method: string, path: RegExp, takes: string | undefined, gives: string][] = [
  ['GET', /^mailFolders$/u, undefined, 'mailFolder[]'],
  ['GET', /^mailFolders\/[^/]+$/u, undefined, 'mailFolder'],
  ['GET', /^mailFolders\/[^/]+\/childFolders$/u, undefined, 'mailFolder[]'],
  ['POST', /^mailFolders(?:\/[^/]+\/childFolders)?$/u, 'mailFolder', 'mailFolder'],
  ['GET', /^mailFolders\/[^/]+\/messages$/u, undefined, 'message[]'],
  ['GET', /^messages\/[^/]+$/u, undefined, 'message'],
  ['PATCH', /^messages\/[^/]+$/u, 'message', 'message'],
  ['GET', /^messages\/[^/]+\/\$value$/u, undefined, 'stream'],
  ['DELETE', /^messages\/[^/]+$/u, undefined, 'nothing'],
  ['POST', /^messages$/u, MIME, 'message'],
  ['POST', /^sendMail$/u, MIME, 'nothing'],
  ['POST', /^messages\/[^/]+\/attachments$/u, 'fileAttachment', 'fileAttachment'],
];

export type Judge = (exchange: Exchange) => string[];

/** What Microsoft's description has against an exchange. */
export function openJudge(): Judge {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const types = read('types.schema.json') as { $defs: Record<string, { properties?: object }> };
  const operations = read('operations.json') as readonly Operation[];
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(types, 'graph');

  const fits = (type: string, value: unknown): string[] => {
    const validate = ajv.getSchema(`graph#/$defs/${type}`);
    if (validate === undefined) return [`no type ${type}`];
    if (validate(value) === true) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${type}${instancePath}: ${message ?? ''} ${JSON.stringify(params)}`,
    );
  };
  const judgeAnswer = (gives: string, { status, answer, contentType }: Exchange): string[] => {
    if (status === 202 || status === 204) {
      if (answer !== '') return [`an answer beside ${String(status)}`];
      return gives === 'nothing' ? [] : [`${String(status)} where something was to come`];
    }
    if (gives === 'stream') return contentType.startsWith('text/plain') ? [] : [`a source as ${contentType}`];
    const value = JSON.parse(answer) as { value?: unknown[] };
    if (!gives.endsWith('[]')) return fits(gives, value);
    const { value: items, ...rest } = value;
    const strange = Object.keys(rest).filter((name) => !name.startsWith('@odata.'));
    if (!Array.isArray(items)) return ['a list without value'];
    return [
      ...strange.map((name) => `a list with ${name}`),
      ...items.flatMap((one) => fits(gives.slice(0, -2), one)),
    ];
  };
  const judgeSelect = (path: string, gives: string): string[] => {
    const select = new URL(path, 'https://x.example').searchParams.get('$select')?.split(',') ?? [];
    const known = Object.keys(types.$defs[gives.replace('[]', '')]?.properties ?? {});
    return select.filter((name) => !known.includes(name)).map((name) => `$select of ${name}`);
  };
  const judgeOperation = (path: string, exchange: Exchange): string[] => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const isFunction = exchange.method === 'GET';
    const boundTo = isFunction
      ? 'Collection(graph.message)'
      : path.includes('/attachments/')
        ? 'Collection(graph.attachment)'
        : 'graph.message';
    const operation = operations.find((one) => one.name === name && one.boundTo === boundTo);
    if (operation === undefined) return [`no operation ${exchange.method} ${name}`];
    const body = exchange.body === '' ? {} : (JSON.parse(exchange.body) as Record<string, unknown>);
    // The metadata writes the first letter large, the pages now so, now so.
    const small = (one: string): string => one.charAt(0).toLowerCase() + one.slice(1);
    const given = Object.keys(body).map(small);
    const known = operation.parameters.map((one) => small(one.name));
    const returns = operation.returns ?? 'nothing';
    const gives = returns.startsWith('Collection(') ? 'message[]' : returns.replace('graph.', '');
    return [
      ...given.filter((one) => !known.includes(one)).map((one) => `${name} with ${one}`),
      ...operation.parameters
        .filter((one, index) => !one.nullable && !given.includes(known[index] ?? ''))
        .map((one) => `${name} without ${one.name}`),
      ...operation.parameters
        .filter(({ type }) => type.startsWith('graph.'))
        .flatMap(({ name: parameter, type }) =>
          Object.entries(body)
            .filter(([one]) => small(one) === small(parameter))
            .flatMap(([, value]) => fits(type.replace('graph.', ''), value)),
        ),
      ...judgeSelect(exchange.path, gives),
      ...judgeAnswer(gives, exchange),
    ];
  };
  const judgeMime = ({ headers, body }: Exchange): string[] => [
    ...(headers['content-type'] === 'text/plain'
      ? []
      : [`a message as ${headers['content-type'] ?? 'nothing'}`]),
    ...(Buffer.from(body, 'base64').toString('base64') === body ? [] : ['a message that is no base64']),
  ];

  return (exchange) => {
    const { pathname } = new URL(exchange.path, 'https://x.example');
    const path = pathname.replace(/^\/v1\.0\/(?:me|users\/[^/]+)\//u, '');
    if (exchange.status >= 400) return judgeError(exchange.answer);
    const shape = SHAPES.find(([method, form]) => method === exchange.method && form.test(path));
    if (shape === undefined) return judgeOperation(path, exchange);
    const [, , takes, gives] = shape;
    return [
      ...(takes === undefined
        ? exchange.body === ''
          ? []
          : ['a body where none belongs']
        : takes === MIME
          ? judgeMime(exchange)
          : fits(takes, JSON.parse(exchange.body))),
      ...judgeSelect(exchange.path, gives),
      ...judgeAnswer(gives, exchange),
    ];
  };
}

/** Errors are not in the metadata; their form is on https://learn.microsoft.com/graph/errors. */
function judgeError(answer: string): string[] {
  const { error, ...rest } = JSON.parse(answer) as { error?: { code?: unknown; message?: unknown } };
  const isError = typeof error?.code === 'string' && typeof error.message === 'string';
  return isError && Object.keys(rest).length === 0 ? [] : ['an error that is none'];
}
