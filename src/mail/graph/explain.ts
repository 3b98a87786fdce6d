/**
 * Says which conditions Microsoft Graph judges, and why not the others. Owns: which condition becomes a $filter.
 * Pure: no connection is needed to ask.
 */
import type { Condition, ConditionPlan, Explain, PlanReason } from '../reading.js';
import { clauseOf } from './filter.js';

/** What Graph cannot be asked at all, and what it understands in another way than this product does. */
const LOCAL: Readonly<Partial<Record<Condition['field'], PlanReason>>> = {
  to: 'not-combinable',
  cc: 'not-combinable',
  body: 'not-combinable',
  header: 'not-in-protocol',
  // hasAttachments of Graph leaves out what Exchange takes for inline, so that asking for it could lose messages.
  hasAttachment: 'not-in-protocol',
  attachment: 'not-in-protocol',
  size: 'not-in-protocol',
  conversation: 'not-in-protocol',
};

export const explainGraph: Explain = (conditions, purpose) =>
  conditions.map((condition) => (purpose === 'changes' ? inChanges(condition) : inFind(condition)));

function inFind(condition: Condition): ConditionPlan {
  const asked = clauseOf(condition);
  // A range without ends holds every message.
  const isEmpty = condition.field === 'received' && asked === undefined;
  if (isEmpty) return { condition, where: 'server' };
  if (asked === undefined) {
    return { condition, where: 'local', because: LOCAL[condition.field] ?? 'not-in-protocol' };
  }
  const isLoose = condition.field === 'from' || condition.field === 'subject';
  return isLoose
    ? { condition, where: 'both', because: 'looser-match', asked }
    : { condition, where: 'server', asked };
}

/** delta takes no $filter but one on receivedDateTime, which would stay in the link for good. */
function inChanges(condition: Condition): ConditionPlan {
  const inner = LOCAL[condition.field];
  return { condition, where: 'local', because: inner ?? 'not-with-cursor' };
}
