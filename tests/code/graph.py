# SPDX-License-Identifier: BSD-3-Clause
"""Cycles of a directed graph, for the checks beside this file."""


def components(edges):
    """The strongly connected components of @edges (a node: the nodes it leads to) that have more than one
    node, each sorted. Tarjan's algorithm, without recursion."""
    index, low, on_stack, stack, found = {}, {}, set(), [], []

    def enter(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        on_stack.add(node)
        return node, iter(sorted(edges.get(node, ())))

    def leave(node):
        if low[node] != index[node]:
            return
        members = []
        while not members or members[-1] != node:
            members.append(stack.pop())
            on_stack.discard(members[-1])
        if len(members) > 1:
            found.append(sorted(members))

    for root in sorted(edges):
        path = [enter(root)] if root not in index else []
        while path:
            node, targets = path[-1]
            target = next(targets, None)
            if target is None:
                path.pop()
                leave(node)
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[node])
            elif target not in index:
                path.append(enter(target))
            elif target in on_stack:
                low[node] = min(low[node], index[target])
    return found
