import serverPackage from '../package.json' with { type: 'json' }

export const AGENT_VERSION: string = serverPackage.version
