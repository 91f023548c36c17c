/** E-mail addresses as people type them. */

/** One mailbox, without quoting, comments, groups or lists, as the mailer takes it. */
const plain = /^[^\s\p{Cc}@"(),:;<>[\\\]]{1,64}@[^\s\p{Cc}@"(),:;<>[\\\]]{1,189}$/u;

/** The address in what somebody typed; undefined when it cannot be one. */
export function addressIn(typed: string): string | undefined {
  const address = typed.trim();
  return plain.test(address) && address.isWellFormed() ? address : undefined;
}
