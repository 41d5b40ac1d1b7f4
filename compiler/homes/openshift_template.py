"""Mirror objects in OpenShift Templates: part of the cluster that the file is for."""

from collections.abc import Iterator

from compiler.homes.source import Source, called, objects_in
from compiler.homes.templates import is_template, template_objects
from compiler.manifests.embedded import Home
from compiler.text.tree import Mapping

FORM = "openshift-template"


def read(source: Source) -> Iterator[Home]:
    """The objects of ours that Templates make of the defaults of their parameters."""
    for each, root in source.of_kinds("Template"):
        if not is_template(each):
            continue
        for made in template_objects(each):
            content = objects_in([made.root], source.release)
            if content and isinstance(made.root, Mapping):
                yield Home(
                    form=FORM,
                    holder=called("Template", root),
                    span=made.root.span,
                    manifests=tuple(content.manifests),
                    refused=tuple(content.refused),
                    diagnostics=tuple(content.diagnostics),
                    said=("made with the defaults of the parameters",) if "parameters" in root.fields else (),
                    read=(*content.read, made.root.span),
                )
