/** The method `email-code`: the contract. What it promises beyond is tested in test/flow/email-code.test.ts and test/security. */

import { emailCode } from '../../interactions/methods/email-code/email-code.ts';
import type { Page } from '../support/agent.ts';
import { methodContract } from './contract.ts';
import { limits } from './world.ts';

methodContract({
  facts: emailCode,
  setUp: async () => {},
  right: async ({ kapu }, _, { html }) => ({ code: await kapu.codeFor({ html } as Page) }),
  // One in a million is right; a test that fails once in so many runs tells of itself.
  wrong: () => ({ code: '000000' }),
  malformed: [{ code: '' }, { code: '12345' }, { code: 'abcdef' }],
  limit: limits.emailCode,
  again: 'refused',
  without: { mailbox: false },
});
