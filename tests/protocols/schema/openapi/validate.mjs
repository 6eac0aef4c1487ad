// Reads {document, instances} from the file that is named. Is the document OpenAPI 3.1 by its published schema? Does every
// reference resolve, does every component compile as JSON Schema 2020-12, do all examples and instances conform?
import { readFileSync } from 'node:fs'
import { Validator } from '@seriousme/openapi-schema-validator'
import Ajv2020 from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

const { document, instances } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const problems = []

const validator = new Validator()
const outcome = await validator.validate(structuredClone(document))
if (!outcome.valid) problems.push(`not OpenAPI: ${JSON.stringify(outcome.errors, null, 1)}`)
if (validator.version !== '3.1') problems.push(`taken for OpenAPI ${validator.version}`)

const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true })
addFormats(ajv)
// Formats of OpenAPI that say how to hold a number.
for (const name of ['int32', 'int64', 'float', 'double']) ajv.addFormat(name, true)
ajv.addSchema(document, 'doc')
const compiled = name => ajv.compile({ $ref: `doc#/components/schemas/${name}` })
for (const name of Object.keys(document.components.schemas)) {
  try { compiled(name) } catch (e) { problems.push(`schema ${name}: ${e.message}`) }
}
for (const { schema, value, valid } of instances) {
  const check = compiled(schema)
  if (check(value) !== valid)
    problems.push(`${JSON.stringify(value)} should ${valid ? '' : 'not '}be a ${schema}: ${JSON.stringify(check.errors)}`)
}

const operations = new Set()
const visit = (value, path) => {
  if (value === null || typeof value !== 'object') return
  if (typeof value.$ref === 'string') {
    const found = value.$ref.slice(2).split('/').reduce((at, key) => at?.[key.replaceAll('~1', '/')], document)
    if (found === undefined) problems.push(`${path}: ${value.$ref} leads nowhere`)
  }
  if (typeof value.operationId === 'string') {
    if (operations.has(value.operationId)) problems.push(`operationId ${value.operationId} is there twice`)
    operations.add(value.operationId)
  }
  if (Array.isArray(value.examples) && !path.endsWith('/properties')) {
    const { examples, ...schema } = value
    const check = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"doc#/components')))
    for (const example of examples)
      if (!check(example)) problems.push(`${path}: example ${JSON.stringify(example)}: ${JSON.stringify(check.errors)}`)
  }
  for (const [key, inner] of Object.entries(value)) visit(inner, `${path}/${key}`)
}
visit(document, '')

// Every name in a path's braces is a parameter of each of its operations, and the reverse.
for (const [path, item] of Object.entries(document.paths)) {
  const named = [...path.matchAll(/{([^}]+)}/g)].map(m => m[1]).sort().join()
  for (const [method, operation] of Object.entries(item)) {
    const resolved = (operation.parameters ?? []).map(p => p.$ref ? document.components.parameters[p.$ref.split('/').pop()] : p)
    const given = resolved.filter(p => p.in === 'path').map(p => p.name).sort().join()
    if (given !== named) problems.push(`${method} ${path}: path parameters are {${given}}`)
  }
}

for (const problem of problems) console.error(problem)
console.log(`${Object.keys(document.paths).length} paths, ${operations.size} operations, ` +
            `${Object.keys(document.components.schemas).length} schemas, ${problems.length} problems`)
process.exit(problems.length ? 1 : 0)
