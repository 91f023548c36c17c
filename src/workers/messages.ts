/**
 * What the supervisor and its workers say to each other, over the channel that the system gives a parent and its child.
 * Everything is small and plain: no request, no password and no hash ever passes here.
 */

/** What a worker can be asked. */
export type Question = 'ready' | 'numbers';

export type ToWorker =
  | { kapu: 'begin'; id: number }
  | { kapu: 'busy'; id: number; retryAfter: number }
  | { kapu: 'ask'; id: number; question: Question }
  | { kapu: 'reload' }
  | { kapu: 'stop' };

export type ToSupervisor =
  /** It listens. */
  | { kapu: 'up' }
  /** It has a password to hash; `first`: before all others. */
  | { kapu: 'turn'; id: number; first: boolean }
  | { kapu: 'done'; id: number }
  | { kapu: 'answer'; id: number; answer: unknown };

/** One end of a channel. What is sent into one that has closed is lost. */
export interface Link<Out, In> {
  send(message: Out): void;
  onMessage(hear: (message: In) => unknown): void;
}

/** The worker's end. */
export type Upward = Link<ToSupervisor, ToWorker>;

/** A worker as its supervisor sees it. */
export interface Worker extends Link<ToWorker, ToSupervisor> {
  /** Its number: the place that it has, which the one after it takes over. */
  readonly number: number;
  /** Undefined for one that the system has not started. */
  readonly pid: number | undefined;
  /** `how` is in words: 'code 1', 'SIGKILL', 'not started: EAGAIN'. Heard once. */
  onEnd(hear: (how: string) => void): void;
  /** Ends it at once. */
  kill(): void;
}

/** Whether a message is one of these: other things use the channel as well. */
export function isOurs(message: unknown): message is { kapu: string } {
  return typeof message === 'object' && message !== null && 'kapu' in message;
}
