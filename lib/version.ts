/** The version of this package; a spec keeps it equal to package.json. */
export const version = '0.1.0';
