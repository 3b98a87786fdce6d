/**
 * Stands in for @rjsf/validator-ajv8, which @rjsf/core names in a registry for its own tests. The real one compiles
 * schemas with eval, which the page's security policy forbids, and would add Ajv to the page for nothing.
 */
export default undefined;
