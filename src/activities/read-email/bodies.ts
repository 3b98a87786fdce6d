/**
 * The texts of a record as the settings want them: text made from HTML, HTML made safe, what is new in a reply. Must not:
 * change what a message is known by; its content key is made of what was sent.
 */
import type { EmailRecord, ReadEmailConfig } from '../../generated/types.js';
import { htmlToText, sanitizeHtml, uniqueHtml, uniqueText, type ParsedMessage } from '../../mail/index.js';

export type Bodies = Pick<
  EmailRecord,
  'text' | 'html' | 'textSource' | 'uniqueText' | 'uniqueHtml' | 'warnings'
>;

export async function bodiesOf(message: ParsedMessage, config: ReadEmailConfig): Promise<Bodies> {
  const warnings = [...message.warnings];
  let { text, html } = message;
  let textSource: Bodies['textSource'] = text === null ? null : 'plain';
  // Some programs put an empty text before the HTML.
  if ((text ?? '').trim() === '' && html !== null && config.textFromHtml === true) {
    const made = await htmlToText(html);
    text = made.text;
    textSource = 'html';
    warnings.push(...made.warnings);
  }
  const unique: Pick<Bodies, 'uniqueText' | 'uniqueHtml'> = {};
  if (config.uniqueBody === true) {
    if (text !== null) unique.uniqueText = uniqueText(text).body;
    if (html !== null) unique.uniqueHtml = await safe(uniqueHtml(html).body, config, []);
  }
  if (html !== null) html = await safe(html, config, warnings);
  return { text, html, textSource, ...unique, warnings };
}

async function safe(
  html: string,
  config: ReadEmailConfig,
  warnings: EmailRecord['warnings'],
): Promise<string> {
  if (config.safeHtml !== true) return html;
  const made = await sanitizeHtml(html);
  warnings.push(...made.warnings);
  return made.html;
}
