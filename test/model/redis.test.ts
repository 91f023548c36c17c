/** Sequences of sign-ins against the model, with state in a real Redis. */

import { everySequence } from './property.ts';

everySequence('redis', 300);
