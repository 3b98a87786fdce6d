/** Fields one below the other, the advanced ones of them folded away. Must not: name a field of any form. */
import ExpandMore from '@mui/icons-material/ExpandMore';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Collapse from '@mui/material/Collapse';
import Stack from '@mui/material/Stack';
import { getUiOptions, type ObjectFieldTemplateProps } from '@rjsf/utils';
import { useState, type ReactElement, type ReactNode } from 'react';
import { contextOf } from './form-context.js';

/** Between two fields, in units of the theme. */
export const FIELD_GAP = 3;

interface Property {
  readonly name: string;
  readonly content: ReactElement;
}

/** Advanced fields stay folded until they are asked for or have a problem to show. */
export function FoldedStack(props: ObjectFieldTemplateProps & { readonly shown: readonly Property[] }) {
  const { shown, fieldPathId, uiSchema, registry } = props;
  const { texts, troubled } = contextOf(registry);
  const [isOpen, setOpen] = useState(false);
  const isAdvanced = ({ name }: Property): boolean => getUiOptions(uiSchema?.[name])['tier'] === 'advanced';
  const hasProblem = ({ name }: Property): boolean => {
    const pointer = `/${[...fieldPathId.path, name].join('/')}`;
    return [...troubled].some((one) => one === pointer || one.startsWith(`${pointer}/`));
  };
  const advanced = shown.filter(isAdvanced);
  const isUnfolded = isOpen || advanced.some(hasProblem);
  const stack = (properties: readonly Property[]): ReactNode => (
    <Stack spacing={FIELD_GAP}>
      {properties.map(({ name, content }) => (
        <div key={name}>{content}</div>
      ))}
    </Stack>
  );
  return (
    <Stack spacing={FIELD_GAP}>
      {stack(shown.filter((property) => !isAdvanced(property)))}
      {advanced.length > 0 && (
        <div>
          <Button
            size="small"
            color="inherit"
            aria-expanded={isUnfolded}
            onClick={() => setOpen(!isUnfolded)}
            startIcon={
              <ExpandMore
                sx={{ transform: isUnfolded ? 'rotate(180deg)' : 'none', transition: 'transform .2s' }}
              />
            }
            sx={{ ml: -0.5, color: 'text.secondary' }}
          >
            {texts.own(isUnfolded ? 'form.less' : 'form.more')}
            {fieldPathId.path.length > 0 && `: ${String(uiSchema?.['ui:title'] ?? '')}`}
          </Button>
          <Collapse in={isUnfolded} unmountOnExit>
            <Box sx={{ pt: 2 }}>{stack(advanced)}</Box>
          </Collapse>
        </div>
      )}
    </Stack>
  );
}
