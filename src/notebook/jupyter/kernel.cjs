'use strict';
/**
 * What the kernelspec starts: the kernel, straight from its TypeScript sources, so that it runs before and after a
 * build. tsx compiles only what is loaded through this one call; cells load the compiled library as usual.
 */
const { require: requireTypeScript } = require('tsx/cjs/api');

requireTypeScript(require.resolve('../kernel/main.ts'), __dirname).startKernel(process.argv[2]);
