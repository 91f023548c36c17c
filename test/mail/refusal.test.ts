import { describe, expect, test } from '@jest/globals';
import { judge } from '../../src/mail/refusal.ts';

/** An error as nodemailer makes it of a server's reply. */
function replied(command: string, response: string) {
  const responseCode = Number(response.slice(0, 3));
  const permanent = responseCode >= 500 && responseCode !== 503;
  return Object.assign(new Error(`said ${response}`), { command, response, responseCode, permanent });
}

describe('what a reply means', () => {
  test.each([
    // The address: final.
    ['RCPT TO', '550 5.1.1 <anna@demo.example> no such user', 'no-such-recipient'],
    ['RCPT TO', '550 No such user', 'no-such-recipient'],
    ['RCPT TO', '551 User not local', 'no-such-recipient'],
    ['RCPT TO', '553 5.1.3 Bad address syntax', 'no-such-recipient'],
    ['RCPT TO', '550 5.2.1 Mailbox disabled', 'no-such-recipient'],
    ['DATA', '550 5.1.1 No such user', 'no-such-recipient'],
    // This provider's policy or trouble: another one may take it.
    ['RCPT TO', '554 5.7.1 Relay access denied', 'refused'],
    ['RCPT TO', '550 5.7.1 Blocked', 'refused'],
    ['RCPT TO', '554 No', 'refused'],
    ['RCPT TO', '553 5.1.8 Sender domain does not exist', 'refused'],
    ['MAIL FROM', '550 5.1.7 Bad sender', 'refused'],
    ['MAIL FROM', '550 Sender rejected', 'refused'],
    ['DATA', '554 5.6.0 Message refused', 'refused'],
    ['AUTH PLAIN', '535 5.7.8 Authentication failed', 'refused'],
    ['CONN', '554 No SMTP service here', 'refused'],
    // Later.
    ['RCPT TO', '451 4.3.0 Try again', 'deferred'],
    ['RCPT TO', '452 4.2.2 Mailbox full', 'deferred'],
    ['DATA', '503 Bad sequence of commands', 'deferred'],
    ['RCPT TO', '421 4.7.0 Closing', 'unreachable'],
  ])('%s: %s is %s', (command, response, outcome) => {
    expect(judge(replied(command, response)).outcome).toBe(outcome);
  });

  test('no reply at all is unreachable, a message that cannot be put into SMTP is refused', () => {
    const refusedConnection = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), {
      code: 'ESOCKET',
      command: 'CONN',
    });
    expect(judge(refusedConnection)).toEqual({
      outcome: 'unreachable',
      reason: 'ESOCKET CONN connect ECONNREFUSED 127.0.0.1:1',
    });
    expect(judge(Object.assign(new Error('too big'), { code: 'EMESSAGE', command: 'MAIL FROM' })).outcome).toBe(
      'refused',
    );
  });
});

describe('the reason', () => {
  test('keeps the codes and drops the words once the recipient has been named', () => {
    expect(judge(replied('RCPT TO', '550 5.1.1 <anna@demo.example>: anna unknown')).reason).toBe('RCPT TO: 550 5.1.1');
    expect(judge(replied('DATA', '554 anna@demo.example looks like spam: 123456')).reason).toBe('DATA: 554');
  });

  test('keeps the words that say what is wrong with our side', () => {
    expect(judge(replied('AUTH PLAIN', '535 5.7.8 Authentication failed')).reason).toBe(
      'AUTH PLAIN: 535 5.7.8 Authentication failed',
    );
  });
});
