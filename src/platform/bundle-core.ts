// What a core's worker thread of the bundle starts with: the part that is the core.

import { loadPart } from './bundle-part.ts';

loadPart('core.cjs');
