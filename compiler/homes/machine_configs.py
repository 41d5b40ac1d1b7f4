"""The files of MachineConfigs inside other documents.

In: what was read in a home. Out: the same with what its MachineConfigs write about images. What reads them is imported
for those only.
"""

from compiler.homes.source import Content, Source


def with_node_texts(content: Content, source: Source, pool: str = "") -> Content:
    """What was read in a home, with the files about images of the MachineConfigs in it, for a pool if it sets one."""
    if not content.machine_configs:
        return content
    from compiler.homes.node_files import of_machine_config

    for root in content.machine_configs:
        for home in of_machine_config(source, root, pool):
            content.node_texts += home.node_texts
            content.diagnostics += home.diagnostics
            content.read += home.read
    return content
