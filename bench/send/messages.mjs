/** What is sent: mails of 5 KB, alike but for their numbers. */
const TEXT = 'Grüße aus Kiel: die Lieferung ist unterwegs und kommt am Dienstag an.\n';

export const BYTES = 5000;

export function messages(count, address) {
  const text = TEXT.repeat(Math.ceil(BYTES / Buffer.byteLength(TEXT)));
  return Array.from({ length: count }, (_, number) => ({ to: address, subject: `Nr. ${number}`, text }));
}
