/** A schema as a tree of names and types, to see what a transformation gets and has to give. */
import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import type { Schema } from '../server/description.js';
import { useTexts } from '../texts/context.js';

function typeOf(schema: Schema): string {
  const { type, enum: values, items, oneOf } = schema;
  if (Array.isArray(values)) return values.map(String).join(' | ');
  if (type === 'array') return `${typeOf((items ?? {}) as Schema)}[]`;
  if (Array.isArray(oneOf)) return 'object';
  return Array.isArray(type) ? type.join(' | ') : String(type ?? 'object');
}

/** Properties of the schema itself, of a list's entries, or of all its alternatives. */
function propertiesOf(schema: Schema): [string, Schema][] {
  const { items, oneOf, properties } = schema;
  if (typeof items === 'object' && items !== null) return propertiesOf(items as Schema);
  const own = Object.entries((properties ?? {}) as Record<string, Schema>);
  return [...own, ...(Array.isArray(oneOf) ? oneOf.flatMap((branch: Schema) => propertiesOf(branch)) : [])];
}

function Branch({ schema, level }: { readonly schema: Schema; readonly level: number }) {
  const texts = useTexts();
  const owner = (schema['items'] ?? schema) as Schema;
  const required = (owner['required'] ?? []) as readonly string[];
  return (
    <Box
      component="ul"
      sx={{
        listStyle: 'none',
        m: 0,
        p: 0,
        ...(level > 0 ? { ml: 0.75, pl: 2, borderLeft: 1, borderColor: 'divider' } : {}),
      }}
    >
      {propertiesOf(schema).map(([name, child]) => (
        <Box component="li" key={name} sx={{ py: 0.5 }}>
          <Box component="code" sx={{ fontWeight: 600 }}>
            {name}
          </Box>
          <Typography component="span" variant="body2" color="text.secondary">
            {` ${typeOf(child)}${required.includes(name) ? `, ${texts.own('review.always')}` : ''}`}
          </Typography>
          {propertiesOf(child).length > 0 && <Branch schema={child} level={level + 1} />}
        </Box>
      ))}
    </Box>
  );
}

export function SchemaTree({ title, schema }: { readonly title: string; readonly schema: Schema }) {
  return (
    <Box>
      <Typography variant="h3" sx={{ mb: 1 }}>
        {title}
      </Typography>
      <Box
        sx={{ maxHeight: 420, overflow: 'auto', border: 1, borderColor: 'divider', borderRadius: 1, p: 2 }}
        tabIndex={0}
        role="group"
        aria-label={title}
      >
        <Branch schema={schema} level={0} />
      </Box>
    </Box>
  );
}
