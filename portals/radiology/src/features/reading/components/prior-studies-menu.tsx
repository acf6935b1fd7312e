import { Button, Menu, Text } from '@mantine/core';
import { priorStudiesQuery } from '@shared/api/studies';
import type { Order } from '@shared/api/types';
import { Loaded } from '@shared/states/states';
import { useQuery } from '@tanstack/react-query';
import { comparedWith, nameOf } from '../domain/prior-text';
import type { ReportDraft } from '../domain/use-report-draft';

interface PriorStudiesMenuProps {
  order: Order;
  draft: Pick<ReportDraft, 'content' | 'change'>;
}

/** Names the chosen prior in the comparison. */
export function PriorStudiesMenu(props: PriorStudiesMenuProps) {
  return (
    <Menu position="bottom-end" width={300}>
      <Menu.Target>
        <Button variant="subtle" size="compact-xs">
          Load prior studies…
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={360} style={{ overflow: 'auto' }}>
        <Priors {...props} />
      </Menu.Dropdown>
    </Menu>
  );
}

function Priors({ order, draft }: PriorStudiesMenuProps) {
  const query = useQuery(priorStudiesQuery(order.patient.id, order.id));
  return (
    <Loaded query={query}>
      {({ items }) =>
        items.length === 0 ? (
          <Menu.Label>Nothing earlier of this patient is stored here.</Menu.Label>
        ) : (
          items.map((prior) => (
            <Menu.Item key={prior.studyInstanceUid} onClick={() => draft.change(comparedWith(draft.content, prior))}>
              <Text size="sm">{nameOf(prior)}</Text>
            </Menu.Item>
          ))
        )
      }
    </Loaded>
  );
}
