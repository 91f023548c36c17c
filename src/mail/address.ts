/** What an e-mail address is: what somebody may type, an import bring and the mailer send to are the same. */

/** The longest that SMTP takes (RFC 5321, 4.5.3.1.3, without the angle brackets). */
const longest = 254;
/** One mailbox, without quoting, comments, groups or lists, so that every reader of it sees the same single recipient. */
const plain = /^[^\s\p{Cc}@"(),:;<>[\\\]]{1,64}@[^\s\p{Cc}@"(),:;<>[\\\]]+\.[^\s\p{Cc}@"(),:;<>[\\\].]+$/u;

/** Whether `text` is one address, alone, at a domain that has a dot: one without leads nowhere in the public network (RFC 7085). */
export function isAddress(text: string): boolean {
  return text.length <= longest && text.isWellFormed() && plain.test(text);
}

/** What `address` is counted by: whoever writes the same mailbox otherwise, in capitals or with a tag, is no other. */
export function mailboxOf(address: string): string {
  return address.toLowerCase().replace(/\+[^@]*@/, '@');
}
