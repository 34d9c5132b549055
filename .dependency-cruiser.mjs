/** The arrows of ARCHITECTURE.md, each with the reason that a broken build shows. */
const area = (name) => `^${name}/`
const notTests = '\\.(test|sim|spec)\\.tsx?$'

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'shared-knows-nothing-of-ours',
      comment: 'shared is what the others meet in; an arrow out of it would make a circle of the whole house.',
      severity: 'error',
      from: { path: area('shared') },
      to: { path: '^(web|server|e2e)/' },
    },
    {
      name: 'domain-is-pure',
      comment:
        'Domain decisions take clock, randomness and I/O from outside; a Node module in there would be one of them.',
      severity: 'error',
      from: { path: '^shared/domain/', pathNot: notTests },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'web-knows-only-shared',
      comment: 'The browser meets the backend in the contract alone.',
      severity: 'error',
      from: { path: area('web') },
      to: { path: '^(server|e2e)/' },
    },
    {
      name: 'browser-takes-types-of-the-contract',
      comment: 'zod is weight in a browser and probes `new Function`, which the CSP refuses; types cost nothing.',
      severity: 'error',
      from: { path: '^web/src/', pathNot: notTests },
      to: { path: '^shared/contract/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'agent-stands-alone',
      comment: 'The agent is one small file that runs as root: it carries nothing of the backend or the simulator.',
      severity: 'error',
      from: { path: '^server/agent/', pathNot: notTests },
      to: { path: '^server/(bff|sim|start|build)/' },
    },
    {
      name: 'backend-stands-alone',
      comment: 'The backend meets agents in the contract; server/start puts the two together.',
      severity: 'error',
      from: { path: '^server/bff/', pathNot: notTests },
      to: { path: '^server/(agent|sim|start)/' },
    },
    {
      name: 'ui-knows-no-product',
      comment: 'Primitives know no router, no query and no product word, so that any page can use them.',
      severity: 'error',
      from: { path: '^web/src/ui/' },
      to: { path: '^web/src/(features|routes|api|live)/' },
    },
    {
      name: 'features-do-not-import-each-other',
      comment: 'Routes compose features; a feature that needs another has a part that belongs in ui or api.',
      severity: 'error',
      from: { path: '^web/src/features/([^/]+)/' },
      to: { path: '^web/src/features/([^/]+)/', pathNot: '^web/src/features/$1/' },
    },
    {
      name: 'no-circles',
      comment: 'Two files that need each other are one file, or need a third.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      comment: 'An import that cannot be found would fail at run time.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^virtual:' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|captures|node_modules/\\.vite)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
