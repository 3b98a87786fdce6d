/**
 * The shape that every undo has in bash. Owns: going through the record. Must not: know a step.
 */
import type { Commands, SetupContext } from '../plan.js';
import type { StepId } from '../steps.js';

/** Writes the commands of one step. */
export type Writer = (context: SetupContext) => Commands;

/** Runs the same undo for every line of the record that a step left. */
export const undoEach = (step: StepId, commands: string): string =>
  `while IFS=$'\\t' read -r _ _ target detail; do
  if change "$target"; then
${commands.replace(/^/gmu, '    ')}
    completed '${step}' "$target"
  fi
done < <(recorded '${step}')`;
