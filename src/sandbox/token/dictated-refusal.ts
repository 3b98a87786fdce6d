/**
 * Turns a dictated answer into a refusal that is rendered like any other.
 */
import type { TokenAnswerScript } from '../answers/answers.js';
import { REFUSALS } from './refusals/index.js';
import type { Refusal } from './refusals/refusal.js';
import { TokenError } from './token-error.js';

const UNKNOWN: Refusal = {
  error: 'invalid_grant',
  status: 400,
  text: 'The sandbox was told to answer with this number.',
};

export function dictatedRefusal(answer: TokenAnswerScript): TokenError {
  const known: Refusal = (REFUSALS as Readonly<Record<number, Refusal>>)[answer.aadsts] ?? UNKNOWN;
  const refusal: Refusal = {
    ...known,
    ...(answer.error === undefined ? {} : { error: answer.error }),
    ...(answer.text === undefined ? {} : { text: answer.text }),
    ...(answer.suberror === undefined ? {} : { suberror: answer.suberror }),
    ...(answer.claims === undefined ? {} : { claims: answer.claims }),
    ...(answer.status === undefined ? {} : { status: answer.status }),
    ...(answer.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: answer.retryAfterSeconds }),
  };
  return TokenError.of(answer.aadsts, refusal);
}
