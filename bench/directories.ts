import { fileURLToPath } from 'node:url';

/** The directory of the benchmark's sources, dependencies and results; this file runs from `.build/bench`. */
export const benchDirectory = fileURLToPath(new URL('../../bench/', import.meta.url));
