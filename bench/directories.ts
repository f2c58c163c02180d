import { fileURLToPath } from 'node:url';

/** The root of the repository; this file runs from `.build/bench`. */
export const rootDirectory = fileURLToPath(new URL('../../', import.meta.url));

/** Where the benchmark's sources, its own dependencies and its results lie. */
export const benchDirectory = fileURLToPath(new URL('../../bench/', import.meta.url));
