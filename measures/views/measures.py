from fangpin.accounts.decorators import needs


@needs("measure.plan")
def measure_plan(request, uuid): ...
