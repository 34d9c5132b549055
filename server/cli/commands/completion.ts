import type { CliCommand } from '../main.ts'
import { defineCommand, UsageError } from '../run-command.ts'

type Known = Pick<CliCommand, 'about' | 'words' | 'options'> & { readonly name: string }

/** Of these a file may follow, whose name the shell completes. */
const TAKES_FILES = ['apply', 'diff', 'approve', 'audit', 'keygen', 'verify-release']
const optionsOf = ({ options = [] }: Known): string[] => ['--help', ...options]
/** In single quotes of any of the three shells. */
const quoted = (text: string) => `'${text.replaceAll("'", '’')}'`

const bash = (commands: readonly Known[]): string => `# rebootless completion bash
_rebootless() {
  local word=\${COMP_WORDS[COMP_CWORD]} words=
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W ${quoted(commands.map(({ name }) => name).join(' '))} -- "$word"))
    return
  fi
  case \${COMP_WORDS[1]} in
${commands.map((one) => `    ${one.name}) words=${quoted([...(one.words ?? []), ...optionsOf(one)].join(' '))} ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  case \${COMP_WORDS[1]} in
    ${TAKES_FILES.join('|')}) [ "\${word#-}" = "$word" ] && COMPREPLY+=($(compgen -f -- "$word")) ;;
  esac
}
complete -o filenames -F _rebootless rebootless
`

const zsh = (commands: readonly Known[]): string => `#compdef rebootless
# rebootless completion zsh
_rebootless() {
  local -a commands
  commands=(
${commands.map(({ name, about }) => `    ${quoted(`${name}:${about.replaceAll(':', ',')}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case $words[2] in
${commands.map((one) => `    ${one.name}) compadd -- ${[...(one.words ?? []), ...optionsOf(one)].join(' ')} ;;`).join('\n')}
  esac
  case $words[2] in
    ${TAKES_FILES.join('|')}) _files ;;
  esac
}
if [ "$funcstack[1]" = _rebootless ]; then
  _rebootless
else
  compdef _rebootless rebootless
fi
`

const fish = (commands: readonly Known[]): string => `# rebootless completion fish
complete -c rebootless -f
${commands
  .map((one) => {
    const after = `complete -c rebootless -n '__fish_seen_subcommand_from ${one.name}'`
    return [
      `complete -c rebootless -n __fish_use_subcommand -a ${one.name} -d ${quoted(one.about)}`,
      ...(one.words?.length ? [`${after} -a ${quoted(one.words.join(' '))}`] : []),
      ...optionsOf(one).map((option) => `${after} -l ${option.slice(2)}`),
      ...(TAKES_FILES.includes(one.name) ? [`${after} -F`] : []),
    ].join('\n')
  })
  .join('\n')}
`

const SHELLS: Readonly<Record<string, (commands: readonly Known[]) => string>> = { bash, zsh, fish }

/** `rebootless completion`: what a shell completes, made of the commands themselves. */
export const completionCommand = (commands: Readonly<Record<string, () => Promise<CliCommand>>>): CliCommand =>
  defineCommand({
    about: 'print what completes words in bash, zsh or fish',
    usage: `Usage: rebootless completion bash|zsh|fish

Prints a script. In bash: source <(rebootless completion bash). In zsh: rebootless completion zsh > _rebootless in a folder
of $fpath. In fish: rebootless completion fish > ~/.config/fish/completions/rebootless.fish.

Exit status: 0 done, 2 wrong use.`,
    options: {},
    words: Object.keys(SHELLS),
    async run(_values, [shell = '', ...rest]) {
      const write = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined
      if (write === undefined || rest.length > 0) throw new UsageError('one of bash, zsh and fish is needed')
      const known: Known[] = []
      for (const [name, load] of Object.entries(commands)) known.push({ name, ...(await load()) })
      process.stdout.write(write(known))
      return 0
    },
  })
