/** Sequences of sign-ins against the model, with state in memory. */

import { everySequence } from './property.ts';

everySequence('memory', 700);
