/**
 * The shape that every undo has. Owns: going through the record. Must not: know a step.
 */
import type { Commands, SetupContext } from '../plan.js';
import type { StepId } from '../steps.js';

/** Writes the commands of one step. */
export type Writer = (context: SetupContext) => Commands;

/** Runs the same undo for every line of the record that a step left. */
export const undoEach = (step: StepId, action: string, commands: string): string =>
  `foreach ($Change in @(Get-Change '${step}')) {
    if ($PSCmdlet.ShouldProcess($Change.Target, '${action}')) {
${commands.replace(/^/gmu, '        ')}
        Complete-Change $Change
    }
}`;
