/**
 * The closed lists that a register of processing speaks in, so that a record means the same to whoever reads it: purposes
 * and lawful bases of the W3C Data Privacy Vocabulary (https://w3id.org/dpv, purposes module 2.1, EU GDPR module 2.0) and
 * countries of ISO 3166-1. DPV grows, so a purpose that is not listed is a warning; a country or a lawful basis that is not
 * listed is an error.
 */

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** https://w3id.org/dpv#Purpose and what is narrower. */
export const PURPOSES = words(`
  AcademicResearch AccountManagement Advertising AgeVerification CombatClimateChange CommercialPurpose CommercialResearch
  CommunicationForCustomerCare CommunicationManagement CounterMoneyLaundering Counterterrorism CreditChecking CustomerCare
  CustomerClaimsManagement CustomerManagement CustomerOrderManagement CustomerRelationshipManagement
  CustomerSolvencyMonitoring DataAltruism DeliveryOfGoods DirectMarketing DisputeManagement EnforceAccessControl
  EnforceSecurity EstablishContractualAgreement FraudPreventionAndDetection FulfilmentOfContractualObligation
  FulfilmentOfObligation HumanResourceManagement IdentityAuthentication IdentityVerification
  ImproveExistingProductsAndServices ImproveHealthcare ImproveInternalCRMProcesses ImprovePublicServices
  ImproveTransportMobility IncreaseServiceRobustness InternalResourceOptimisation LegalCompliance MaintainFraudDatabase
  Marketing MemberPartnerManagement MisusePreventionAndDetection NonCommercialPurpose NonCommercialResearch
  OptimisationForConsumer OptimisationForController OptimiseUserInterface OrganisationComplianceManagement
  OrganisationGovernance OrganisationRiskManagement PaymentManagement Personalisation PersonalisedAdvertising
  PersonalisedBenefits PersonnelBehaviourMonitoring PersonnelHiring PersonnelManagement PersonnelMonitoring
  PersonnelOffboarding PersonnelOnboarding PersonnelPayment PersonnelPerformanceEvaluation PersonnelPerformanceManagement
  PersonnelPerformanceMonitoring PersonnelPerformancePrediction PersonnelPromotionManagement PersonnelTerminationManagement
  PersonnelWorkloadManagement PoliticalCampaign ProtectionOfIPR ProtectionOfNationalSecurity ProtectionOfPublicSecurity
  ProvideEventRecommendations ProvideOfficialStatistics ProvidePersonalisedRecommendations ProvideProductRecommendations
  PublicBenefit PublicPolicyMaking PublicRelations Purpose RecordManagement RecruitmentAdvertising
  RecruitmentApplicantBackgroundCheck RecruitmentApplicantCriminalBackgroundCheck
  RecruitmentApplicantInformationAuthentication RecruitmentApplicantSelection RecruitmentApplicationAnalysis
  RecruitmentApplicationManagement RecruitmentApplicationScreening RecruitmentInterviewAnalysis
  RecruitmentInterviewAssessment RecruitmentInterviewManagement RecruitmentInterviewScheduling RecruitmentManagement
  RecruitmentTargetedAdvertising RepairImpairments RequestedServiceProvision ResearchAndDevelopment RightsFulfillment
  ScientificResearch SearchFunctionalities SellDataToThirdParties SellInsightsFromData SellProducts
  SellProductsToDataSubject ServiceOptimisation ServicePersonalisation ServiceProvision ServiceRegistration
  ServiceUsageAnalytics SocialMediaMarketing TargetedAdvertising TechnicalServiceProvision UserInterfacePersonalisation
  VendorManagement VendorPayment VendorRecordsManagement VendorSelectionAssessment Verification
`);

/** https://w3id.org/dpv/legal/eu/gdpr#: the grounds of GDPR Art. 6(1), and of Art. 9(2) for special categories. */
export const LAWFUL_BASES = words(`
  A6-1-a A6-1-a-explicit-consent A6-1-a-non-explicit-consent A6-1-b A6-1-b-contract-performance A6-1-b-enter-into-contract
  A6-1-c A6-1-d A6-1-d-data-subject A6-1-d-natural-person A6-1-e A6-1-e-official-authority A6-1-e-public-interest A6-1-f
  A6-1-f-controller A6-1-f-third-party A9-2-a A9-2-b A9-2-c A9-2-d A9-2-e A9-2-f A9-2-g A9-2-h A9-2-i A9-2-j
`);

/** Categories of personal data that rules may name (GDPR Art. 4, 9, 87), be there a recognizer for them yet or not. */
export const CATEGORIES = words(`
  direct-identifier contact financial national-id online-identifier health religion politics union-membership ethnicity
  sexual-orientation biometric genetic secret
`);

/** ISO 3166-1 alpha-2, officially assigned codes. */
export const COUNTRIES = words(`
  AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD
  CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF
  GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN
  KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
  NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI
  SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI
  VN VU WF WS YE YT ZA ZM ZW
`);

export { EEA } from "../core/countries.ts";
