import { routeAddress } from '@rebootless/shared/domain/route-address.ts'
import { Link } from '@tanstack/react-router'
import { Download, Printer } from 'lucide-react'
import { buttonClass } from '../../ui/button.tsx'
import { askedOf, type Scope, scopeInAddress } from './scope.ts'

const FILES = [
  { path: '/api/v1/compliance/export.csv', word: 'CSV', about: 'A row for each host and CVE, for a spreadsheet' },
  { path: '/api/v1/compliance/export.json', word: 'JSON', about: 'The same with every fact, for programs' },
  {
    path: '/api/v1/compliance/vex.json',
    word: 'VEX',
    about: 'OpenVEX: tells scanners what is live-patched on which host',
  },
] as const

/** What is shown, as files and as a document. Times in files are UTC. */
export const ExportLinks = ({ scope }: { scope: Scope }) => (
  <div className="flex flex-wrap items-center gap-2 max-desk:gap-1.5">
    {FILES.map(({ path, word, about }) => (
      <a
        key={path}
        href={routeAddress(path, { query: askedOf(scope) })}
        download
        title={about}
        aria-label={`Export as ${word}`}
        className={`${buttonClass('plain', 'large')} max-desk:px-2`}
      >
        <Download size={14} aria-hidden />
        {word}
      </a>
    ))}
    <Link
      to="/compliance/print"
      search={scopeInAddress(scope)}
      className={`${buttonClass('plain', 'large')} max-desk:px-2`}
    >
      <Printer size={14} aria-hidden />
      Document
    </Link>
  </div>
)
