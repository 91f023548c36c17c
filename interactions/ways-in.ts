/** The ways in beside the methods: one line each. Which of them a deployment has is its settings' to say. */

import { createActivate } from './activate/activate.ts';
import { createReset } from './reset/reset.ts';
import { createSignUp } from './sign-up/sign-up.ts';
import type { WayIn, WayInParts } from './way-in.ts';

const all: ((parts: WayInParts) => WayIn | undefined)[] = [createReset, createActivate, createSignUp];

/** Every way in that the settings have, ready to be mounted. */
export function createWaysIn(parts: WayInParts): WayIn[] {
  return all.flatMap((create) => create(parts) ?? []);
}
