// Our TypeScript imports './x.js' and means './x.ts'; some packages have nothing but an "import" branch in their exports.
module.exports = (request, options) => {
  const isOurs = !options.basedir.includes('/node_modules/');
  if (isOurs && /^\.{1,2}\/.*\.js$/.test(request)) {
    try {
      return options.defaultResolver(request.replace(/\.js$/, '.ts'), options);
    } catch {
      // A real .js file.
    }
  }
  try {
    return options.defaultResolver(request, options);
  } catch (error) {
    if (/^[./]/.test(request)) throw error;
    return options.defaultResolver(request, { ...options, conditions: ['import', 'node', 'default'] });
  }
};
