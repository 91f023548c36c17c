/** What `kapu check` finds: a part that is in order, doubtful or broken, and what to do. */

/** One line of the table. */
export interface Finding {
  outcome: 'ok' | 'warn' | 'fail';
  part: string;
  text: string;
  hint?: string;
}

export const ok = (part: string, text: string): Finding => ({ outcome: 'ok', part, text });
export const warn = (part: string, text: string, hint: string): Finding => ({ outcome: 'warn', part, text, hint });
export const fail = (part: string, text: string, hint: string): Finding => ({ outcome: 'fail', part, text, hint });

/** The first line of what a fault says. */
export function messageOf(fault: unknown): string {
  return (fault as Error).message.split('\n')[0] ?? String(fault);
}
