"""GraphQL of partners: admission, the company and its information, standing, and the freeze of benefits."""

from schema.partners.benefits import BenefitMutations
from schema.partners.companies import CompanyMutations
from schema.partners.fields import Company, Partner, PartnerMutations, PartnerQueries

__all__ = ["BenefitMutations", "Company", "CompanyMutations", "Partner", "PartnerMutations", "PartnerQueries"]
