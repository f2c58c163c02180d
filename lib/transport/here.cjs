'use strict';
// import.meta does not compile to CommonJS, so one CommonJS file returns the location of the package. A bundler may leave
// `__filename` undefined: the empty string means "not known".
/** @type {string} */
const here = typeof __filename === 'string' ? __filename : '';
module.exports = { here };
