/**
 * Subject, text and HTML of an activity as templates that a record's data fills. Owns: which of them are filled, and that a
 * subject stays one line. Must not: take anything of a record for a template.
 */
import { Failure } from '../../errors/index.js';
import type { SendEmailConfig, SendEmailRequest } from '../../generated/types.js';
import { compileTemplate, type Compiled } from './template-engine.js';

const FIELDS = ['subject', 'text', 'html'] as const;
type Field = (typeof FIELDS)[number];
type Words = Pick<SendEmailConfig, Field>;

/** That of the schema. */
const MAX_SUBJECT = 900;

export class Templates {
  readonly #compiled: ReadonlyMap<Field, Compiled> | undefined;

  private constructor(compiled: ReadonlyMap<Field, Compiled> | undefined) {
    this.#compiled = compiled;
  }

  /** @throws Failure template-invalid for the first that cannot be read */
  static async open(config: SendEmailConfig): Promise<Templates> {
    if (config.template !== true) return new Templates(undefined);
    const compiled = new Map<Field, Compiled>();
    for (const field of FIELDS) {
      const source = config[field];
      if (source !== undefined)
        compiled.set(field, await compileTemplate(source, field, field === 'html' ? 'html' : 'none'));
    }
    return new Templates(compiled);
  }

  /**
   * The settings with what the record makes of their words. What the record brings itself is taken as it is.
   * @throws Failure input-invalid, template-data-missing, template-data-unusable, template-limit-reached
   */
  filled(config: SendEmailConfig, request: SendEmailRequest): SendEmailConfig {
    const compiled = this.#compiled;
    if (compiled === undefined) {
      if (request.data !== undefined) throw unusable('/data', 'request.data', 'without-template');
      return config;
    }
    const hasBody = request.text !== undefined || request.html !== undefined;
    const words: Words = {};
    for (const [field, template] of compiled) {
      if (field === 'subject' ? request.subject !== undefined : hasBody) continue;
      const result = template.fill(request.data ?? {});
      words[field] = field === 'subject' ? oneLine(result) : result;
    }
    if ((words.subject ?? '').length > MAX_SUBJECT)
      throw unusable('/data', 'config.subject', 'too-long', { limit: MAX_SUBJECT });
    return { ...config, ...words };
  }
}

/** A line break in a record's value would begin a header field of its own. */
export function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f\u0085\u2028\u2029]+/gu, ' ').trim();
}

function unusable(
  pointer: string,
  field: string,
  rule: string,
  parameters?: Readonly<Record<string, number>>,
): Failure {
  const label = `activities.send-email.${field}.label`;
  const problem = { pointer, label, rule, ...(parameters === undefined ? {} : { parameters }) };
  return new Failure('input-invalid', { problems: [problem] });
}
