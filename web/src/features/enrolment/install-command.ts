import type { EnrolmentFacts } from '@rebootless/shared/contract/enrolment.ts'
import { AGENT_FILE_PATH } from '@rebootless/shared/domain/agent-link.ts'

/**
 * Fetches the agent from the agents' own port and puts it in place. The connection proves nothing yet (-k), so the hash
 * on this page vouches for the file before it is installed. It keeps the ending by which Node knows a module.
 */
export const installCommand = ({ server, agentFile }: EnrolmentFacts): string | null =>
  agentFile === null
    ? null
    : [
        `curl -fsSk ${server}${AGENT_FILE_PATH} -o rebootless-agent.mjs`,
        `echo '${agentFile.sha256}  rebootless-agent.mjs' | sha256sum -c`,
        'install -D -m 755 rebootless-agent.mjs /usr/local/lib/rebootless-agent.mjs',
        'ln -sf ../lib/rebootless-agent.mjs /usr/local/bin/rebootless-agent',
      ].join(' && ')
