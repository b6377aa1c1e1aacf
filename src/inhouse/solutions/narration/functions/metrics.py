"""Numbers for graphs, in CloudWatch's namespace Inhouse/Narration. Accounts come from the ledger."""

from __future__ import annotations

import logging
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

NAMESPACE = "Inhouse/Narration"
log = logging.getLogger(__name__)


def put(cloudwatch: Any, deployment: str, **values: float) -> None:
    """Puts them; a lost metric never stops a narration. Seconds are named so, the rest counts."""
    data = [
        {
            "MetricName": name,
            "Dimensions": [{"Name": "Deployment", "Value": deployment}],
            "Value": value,
            "Unit": "Seconds" if name.startswith("Seconds") else "Count",
        }
        for name, value in values.items()
    ]
    try:
        cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=data)
    except (ClientError, BotoCoreError) as error:
        log.warning("metrics were not put: %s", error)
