/** Where people's pages live. */

/** Below it everything belongs to a sign-in. */
export const interactionsPath = '/interaction/';

/** The address of the sign-in `uid`, which the dispatcher answers; its pages lie below it. */
export function interactionPath(uid: string): string {
  return `${interactionsPath}${uid}`;
}

/** Where the person's own pages live. */
export const accountPath = '/account';

/** Whether `path` is one of a page of ours, and not of the protocol. */
export function isPage(path: string): boolean {
  return path.startsWith(interactionsPath) || path === accountPath || path.startsWith(`${accountPath}/`);
}
