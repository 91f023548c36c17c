/** Where sign-ins live. */

/** Below it everything belongs to a sign-in. */
export const interactionsPath = '/interaction/';

/** The address of the sign-in `uid`, which the dispatcher answers; its pages lie below it. */
export function interactionPath(uid: string): string {
  return `${interactionsPath}${uid}`;
}
