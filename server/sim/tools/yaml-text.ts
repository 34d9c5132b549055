/** What is written as YAML 1.1 in block style, as PyYAML's dump does with `default_flow_style=False`. */
export type YamlNode = string | number | null | readonly YamlNode[] | { readonly [key: string]: YamlNode }

export const yamlDocument = (node: YamlNode): string => `---\n${block(node, 0)}...\n`

const block = (node: YamlNode, depth: number): string => {
  const indent = '  '.repeat(depth)
  if (Array.isArray(node)) return node.map((item) => `${indent}- ${inItem(item, depth)}`).join('')
  if (isMap(node))
    return Object.entries(node)
      .map(
        ([key, value]) => `${indent}${key}:${isScalar(value) ? ` ${scalar(value)}\n` : `\n${block(value, depth + 1)}`}`,
      )
      .join('')
  return `${indent}${scalar(node)}\n`
}

/** The first line of a map or list stands behind the dash. */
const inItem = (item: YamlNode, depth: number): string =>
  isScalar(item) ? `${scalar(item)}\n` : block(item, depth + 1).slice((depth + 1) * 2)

const isMap = (node: YamlNode): node is { readonly [key: string]: YamlNode } =>
  node !== null && typeof node === 'object' && !Array.isArray(node)

/** Empty ones are written in place. */
const isScalar = (node: YamlNode): boolean =>
  node === null || typeof node !== 'object' || Object.keys(node).length === 0

const scalar = (node: YamlNode): string => {
  if (Array.isArray(node)) return '[]'
  if (node !== null && typeof node === 'object') return '{}'
  if (node === null) return 'null'
  const text = String(node)
  return typeof node === 'number' || /^[A-Za-z][\w./-]*$/.test(text) ? text : `'${text.replaceAll("'", "''")}'`
}
