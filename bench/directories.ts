import { fileURLToPath } from 'node:url';

/** Where the benchmark's sources, its own dependencies and its results lie; this file runs from `.build/bench`. */
export const benchDirectory = fileURLToPath(new URL('../../bench/', import.meta.url));
