/** The arrows of ARCHITECTURE.md, each with the reason that a broken build shows. */
const area = (name) => `^${name}/`
const notTests = '(\\.(test|sim|spec)|/test-[a-z-]+)\\.tsx?$'

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
      comment: 'The browser meets the backend in the contract alone; the Lab runs the simulator in a worker.',
      severity: 'error',
      from: { path: area('web') },
      to: { path: '^(server|e2e)/', pathNot: '^server/sim/(core|kernel|models|lab)/' },
    },
    {
      name: 'only-the-lab-simulates',
      comment:
        'The simulator is code of the Lab’s worker; the page itself takes its types, and its few lists of words.',
      severity: 'error',
      from: { path: area('web'), pathNot: '^web/src/features/lab/(lab-worker|.*\\.test)\\.tsx?$' },
      to: {
        path: '^server/sim/',
        pathNot: '^server/sim/(lab/lab-run|models/model)\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
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
      name: 'command-line-stands-alone',
      comment: 'Approvers run it on machines of their own, and trust no code of the server with what they sign.',
      severity: 'error',
      from: { path: '^server/cli/', pathNot: notTests },
      to: { path: '^server/(agent|bff|sim|start|build)/' },
    },
    {
      name: 'simulator-stands-alone',
      comment: 'The simulator runs in a browser too and is run by server/start: it knows neither.',
      severity: 'error',
      from: { path: '^server/sim/', pathNot: [notTests, '^server/sim/conformance/'] },
      to: { path: '^server/(bff|start|build|setup)/' },
    },
    {
      name: 'simulator-needs-no-node',
      comment: 'The Lab runs it in a web worker, where there is no Node.',
      severity: 'error',
      from: { path: '^server/sim/', pathNot: [notTests, '^server/sim/conformance/'] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'simulator-takes-ports-of-the-agent',
      comment:
        'The real agent runs on a simulated kernel through KernelFs, HostPrograms and Clock: the simulator takes their types, and no code, so that neither hangs on how the other works.',
      severity: 'error',
      from: { path: '^server/sim/', pathNot: [notTests, '^server/sim/conformance/'] },
      to: {
        path: '^server/agent/',
        pathNot: '^server/agent/(clock|observer|kernel/kernel-fs|programs/programs)\\.ts$',
      },
    },
    {
      name: 'ports-are-types',
      comment: 'What the simulator takes of the agent costs nothing in the browser.',
      severity: 'error',
      from: { path: '^server/sim/', pathNot: [notTests, '^server/sim/conformance/'] },
      to: { path: '^server/agent/', dependencyTypesNot: ['type-only'] },
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
