// Jest has a module system of its own, so Node's type stripping does not reach what it loads: the same is done here.
const { stripTypeScriptTypes } = require('node:module');

module.exports = { process: (source) => ({ code: stripTypeScriptTypes(source) }) };
